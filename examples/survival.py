"""
==================================
Who is at risk: Cox's partial loss
==================================

500 patients were followed after a heart attack; 215 of them died, and of the others all that is
known is that they lived until the study ended. :func:`~sklosses.cox_ph_loss` uses both. A linear
model is trained on data that come with scikit-survival, and compared with that package's own
estimator.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sksurv.datasets import load_whas500
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import concordance_index_censored

from sklosses import CoxPHLoss, make_loss_scorer
from sklosses.linear_model import LossRegressor

plt.style.use("tableau-colorblind10")

data, target = load_whas500()
names = list(data.columns)
X = StandardScaler().fit_transform(data.astype(float))
event, time = (target[name] for name in target.dtype.names)
X_train, X_test, y_train, y_test = train_test_split(
    X, target, test_size=0.4, random_state=0, stratify=event
)
event_test, time_test = (y_test[name] for name in target.dtype.names)
print(f"{len(X)} patients, {event.sum()} deaths, {len(np.unique(time))} different times")

# %%
# Training
# --------
# :class:`~sklosses.linear_model.LossRegressor` takes the structured array of events and times. The
# mean is over the events. The penalty keeps the 14 coefficients small. The scorer returns minus the
# loss.

score = make_loss_scorer("cox_ph_loss")


def fit(alpha):
    """The model that minimises the loss and a penalty."""
    return LossRegressor("cox_ph_loss", alpha=alpha).fit(X_train, y_train)


def concordance(model):
    """Share of the comparable pairs of patients of whom the one at higher risk died first."""
    return concordance_index_censored(event_test, time_test, model.predict(X_test))[0]


alphas = np.logspace(-3, 1, 9)
models = [fit(alpha) for alpha in alphas]
losses = [-score(model, X_test, y_test) for model in models]
concordances = [concordance(model) for model in models]
nothing = CoxPHLoss()(time_test, event_test, np.zeros(len(X_test)))
print(f"\n{'penalty':>10}{'loss':>10}{'concordance':>14}")
for alpha, value, share in zip(alphas, losses, concordances, strict=True):
    print(f"{alpha:>10.3g}{value:>10.3f}{share:>14.3f}")
print(f"{'no model':>10}{nothing:>10.3f}{0.5:>14.3f}")

# %%
# The same as scikit-survival
# ---------------------------
# Its penalty is added to the sum over the events. The scorer takes any estimator whose ``predict``
# returns the logarithm of the hazard.

theirs = CoxPHSurvivalAnalysis(alpha=0.1 * y_train["fstat"].sum(), ties="efron", tol=1e-12)
theirs.fit(X_train, y_train)
ours = fit(0.1)
print(f"\nlargest difference of the coefficients: {np.abs(theirs.coef_ - ours.coef_).max():.1e}")
for model in (ours, theirs):
    print(f"score of {type(model).__name__}: {score(model, X_test, y_test):.3f}")

# %%
# Residuals
# ---------
# Minus the gradient of the sum is the martingale residual of each patient: 1 for a death, less the
# hazard that the model has added up until then.

residual = -CoxPHLoss(reduction="sum").gradient(time_test, event_test, ours.predict(X_test))

fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
axes[0].semilogx(alphas, losses, "o-", label="other patients")
axes[0].axhline(nothing, color="grey", ls="--", label="no model")
axes[0].set(xlabel="penalty", ylabel="loss")
axes[0].legend()
order = np.argsort(np.abs(ours.coef_))
axes[1].barh(np.array(names)[order], ours.coef_[order])
axes[1].set(xlabel="log hazard ratio of one standard deviation")
for kind, label in ((0, "censored"), (1, "died")):
    axes[2].plot(time_test[event_test == kind], residual[event_test == kind], "o", label=label)
axes[2].axhline(0, color="grey", lw=1)
axes[2].set(xlabel="days", ylabel="martingale residual")
axes[2].legend()
plt.show()
