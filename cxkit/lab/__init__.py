"""The desk of a researcher: JupyterLab on a study, the explorer, the exporter, completion.

`start` lays copies of the notebooks and starts JupyterLab; `explorer` is `survey.explore()`;
`as_report` lists what was chosen there under `reports:`; `exporter` makes the page of an open
notebook; `completion` knows the words of the study that is in hand. Nothing of it is needed to
make a report.
"""
