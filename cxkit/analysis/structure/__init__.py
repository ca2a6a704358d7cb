"""Measurement models: maximum likelihood over weighted moments, their fit, and groups compared."""

from cxkit.analysis.structure.comparability import Invariance, invariance
from cxkit.analysis.structure.model import MeasurementModel, measurement_model

__all__ = ["Invariance", "MeasurementModel", "invariance", "measurement_model"]
