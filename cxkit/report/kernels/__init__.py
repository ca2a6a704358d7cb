"""The kernels that run notebooks: held to limits, and forked from a warm process where that goes.

`engine` runs the cells for papermill, `manager` starts, watches and ends one kernel.
"""
