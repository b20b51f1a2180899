"""
===========================================
Evaluate predictions that are kept in Spark
===========================================

Spark keeps the predictions of a model, next to what they are grouped by, and they need not fit the
memory of any machine. Each task computes a :class:`~sklosses.PartialLoss` of its rows, a total and
a weight. Spark adds these up, and only sums leave the machines.

Here the predictions are those of two models for the digits of scikit-learn, and Spark runs on this
machine. On a cluster, only the line that starts the session is another. The example needs pyspark,
pyarrow and Java.
"""

import operator
import os
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from scipy.optimize import minimize_scalar
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import CrossEntropyLoss, PartialLoss

loss = CrossEntropyLoss()
models = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "random forest": RandomForestClassifier(100, min_samples_leaf=2, random_state=0),
}
X, y = load_digits(return_X_y=True)
tables = []
for name, model in models.items():
    probabilities = cross_val_predict(model, X, y, method="predict_proba")
    logits = np.log(np.maximum(probabilities, np.finfo(float).eps))
    tables.append(pd.DataFrame({"model": name, "digit": y, "logits": list(logits)}))
table = pd.concat(tables)

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # for the packages of this environment
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "4")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
frame = spark.createDataFrame(table).repartition(8)

# %%
# By group
# --------
# ``mapInPandas`` gives a task its rows in batches. What it returns has one row for each group in a
# batch, so the sums that follow are over few rows.


def partial_losses(batches):
    """The partial loss of each model and digit in each batch."""
    for batch in batches:
        rows = []
        for (model, digit), group in batch.groupby(["model", "digit"]):
            part = loss.partial(group["digit"], np.stack(group["logits"]))
            rows.append((model, digit, part.total, part.weight))
        yield pd.DataFrame(rows, columns=["model", "digit", "total", "weight"])


by_digit = (
    frame.mapInPandas(partial_losses, "model string, digit long, total double, weight double")
    .groupBy("model", "digit")
    .agg(F.sum("total").alias("total"), F.sum("weight").alias("weight"))
    .toPandas()
)
by_digit["loss"] = [PartialLoss(t, w).value for t, w in by_digit[["total", "weight"]].to_numpy()]
by_digit = by_digit.pivot_table(index="digit", columns="model", values="loss")
print(by_digit.round(3))

# %%
# All of it
# ---------
# A :class:`~sklosses.PartialLoss` can be pickled and added, which is all that a tree reduction
# takes: executors add what they have before anything is sent to the driver.


def partial_loss(rows):
    """The partial loss of the rows of a partition."""
    rows = list(rows)
    yield loss.partial([row.digit for row in rows], [row.logits for row in rows]) if rows else 0


whole = {}
for name in models:
    rows = frame.where(F.col("model") == name).select("digit", "logits").rdd
    whole[name] = rows.mapPartitions(partial_loss).treeReduce(operator.add).value

# %%
# What needs all rows of a group
# ------------------------------
# ``applyInPandas`` gives a task all rows of a group. Here it looks for the temperature by which the
# logits of a model are to be divided: above 1, the model is too sure of itself.


def best_temperature(group):
    """The temperature with the smallest loss."""
    logits = np.stack(group["logits"])

    def objective(log_temperature):
        return loss(group["digit"], logits / np.exp(log_temperature))

    found = minimize_scalar(objective, bounds=(-2, 2), method="bounded")
    return pd.DataFrame(
        {"model": group["model"][:1], "temperature": np.exp(found.x), "loss": found.fun}
    )


temperatures = (
    frame.groupBy("model")
    .applyInPandas(best_temperature, "model string, temperature double, loss double")
    .toPandas()
    .set_index("model")
)

# %%
# The same in memory
# ------------------

for name, group in table.groupby("model"):
    in_memory = loss(group["digit"], np.stack(group["logits"]))
    np.testing.assert_allclose(whole[name], in_memory, rtol=1e-12)
    for digit, rows in group.groupby("digit"):
        in_memory = loss(rows["digit"], np.stack(rows["logits"]))
        np.testing.assert_allclose(by_digit.loc[digit, name], in_memory, rtol=1e-12)
    np.testing.assert_allclose(temperatures.loss[name], best_temperature(group).loss, rtol=1e-6)
    print(
        f"{name:<20} loss {whole[name]:.4f}, {temperatures.loss[name]:.4f} at a temperature of "
        f"{temperatures.temperature[name]:.2f}"
    )
spark.stop()

# %%
# The figure
# ----------

plt.style.use("tableau-colorblind10")
fig, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", width_ratios=(2, 1))
by_digit.plot.bar(ax=axes[0], rot=0, ylabel="cross-entropy", title="By digit", legend=False)
before_after = pd.DataFrame({"as predicted": whole, "best temperature": temperatures["loss"]}).T
before_after = before_after[by_digit.columns]
before_after.plot.bar(ax=axes[1], rot=0, ylabel="cross-entropy", title="All digits")
plt.show()
