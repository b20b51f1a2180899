"""What `sklosses.boosting` is made of.

- `derivatives.py`: gradients and Hessians of a loss as gradient boosting takes them, of no library.
- `rows.py`: those of losses that compare the rows of groups, or all rows.
- `callbacks.py`: the same in the form of each library: objectives, metrics, scikit-learn's loss.
- `boosters.py`: how the estimators of each library are set up, trained and asked for raw outputs.
"""
