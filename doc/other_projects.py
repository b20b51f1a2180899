"""Inventories of the names of other projects that the documentation refers to.

Sphinx would fetch whole inventories from the projects' sites, so the documentation could not be
built without a network. These have only the names below; a reference to another one is a warning
that names it.
"""

import re
import zlib
from pathlib import Path

# Address, where the page of a name is below it, and names, with their kind if it is not "class".
PROJECTS = {
    "python": (
        "https://docs.python.org/3/",
        "library/{module}.html#{name}",
        "",
    ),
    "numpy": (
        "https://numpy.org/doc/stable/",
        "reference/generated/{name}.html",
        "",
    ),
    "scipy": (
        "https://docs.scipy.org/doc/scipy/",
        "reference/generated/{name}.html",
        """
        scipy.LowLevelCallable scipy.optimize.minimize:function scipy.special.expit:data
        scipy.special.log_softmax:function scipy.stats.nbinom:data
        """,
    ),
    "sklearn": (
        "https://scikit-learn.org/stable/",
        "modules/generated/{name}.html",
        """
        sklearn.base.clone:function sklearn.metrics.get_scorer:function
        sklearn.metrics.make_scorer:function sklearn.metrics.log_loss:function
        sklearn.metrics.hinge_loss:function sklearn.metrics.mean_pinball_loss:function
        sklearn.metrics.mean_tweedie_deviance:function sklearn.metrics.d2_log_loss_score:function
        sklearn.metrics.mean_squared_log_error:function sklearn.metrics.r2_score:function
        sklearn.metrics.mean_poisson_deviance:function
        sklearn.metrics.mean_absolute_percentage_error:function
        sklearn.metrics.d2_absolute_error_score:function sklearn.metrics.brier_score_loss:function
        sklearn.model_selection.cross_validate:function
        sklearn.model_selection.cross_val_predict:function sklearn.decomposition.PCA
        sklearn.neighbors.NeighborhoodComponentsAnalysis sklearn.dummy.DummyClassifier
        sklearn.ensemble.GradientBoostingClassifier sklearn.ensemble.RandomForestClassifier
        sklearn.ensemble.HistGradientBoostingClassifier
        sklearn.ensemble.HistGradientBoostingRegressor
        sklearn.linear_model.LogisticRegression sklearn.linear_model.HuberRegressor
        sklearn.linear_model.PoissonRegressor sklearn.linear_model.QuantileRegressor
        sklearn.linear_model.TweedieRegressor sklearn.linear_model.SGDClassifier
        sklearn.model_selection.GridSearchCV sklearn.model_selection.FixedThresholdClassifier
        sklearn.model_selection.TunedThresholdClassifierCV sklearn.svm.SVC
        sklearn.multioutput.MultiOutputClassifier sklearn.preprocessing.StandardScaler
        sklearn.model_selection.cross_val_score:function
        sklearn.exceptions.UndefinedMetricWarning sklearn.exceptions.ConvergenceWarning
        """,
    ),
}


def write_inventories(folder):
    """Write an inventory for each project; return the value of `intersphinx_mapping`."""
    folder.mkdir(parents=True, exist_ok=True)
    mapping = {}
    for project, (address, page, names) in PROJECTS.items():
        lines = []
        for item in re.split(r"\s+", names.strip()):
            if item:
                name, _, kind = item.partition(":")
                where = page.format(name=name, module=name.rpartition(".")[0])
                lines.append(f"{name} py:{kind or 'class'} 1 {where}#{name} -\n")
        head = f"# Sphinx inventory version 2\n# Project: {project}\n# Version: \n"
        head += "# The remainder of this file is compressed using zlib.\n"
        path = Path(folder) / f"{project}.inv"
        path.write_bytes(head.encode() + zlib.compress("".join(lines).encode()))
        mapping[project] = (address, str(path))
    return mapping
