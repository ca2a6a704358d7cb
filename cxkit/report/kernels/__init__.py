"""The kernels that run notebooks: held to limits, and forked from a warm process where that goes.

`engine` runs the cells for papermill; `manager` starts, watches and ends one kernel, over the
`channels` to it. A forked kernel is asked for by its `provisioner` of the `forks` of this process:
a `server` that has imported what reports import, and of which a `child` becomes the kernel.
"""

from __future__ import annotations

from cxkit.report.kernels.forks import close, warm

__all__ = ["close", "warm"]
