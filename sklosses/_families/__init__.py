"""Families of losses: how a loss is evaluated.

Losses with the same kind of kernel form a *family*. A family consists of

- a kernel module in `_kernels/`, with the kernels of the losses and one driver, which runs any of
  them over the data;
- the *base class* of its losses, which names a kernel and says how it is used;
- a *plan*, which prepares the arrays of one call for the driver and calls it.

The base class names the plan as `plan_class`, the only way from a loss to its plan.

==========  ================  =============  =============  ======================================
Module      Base class        Plan           Kernel module  Arrays
==========  ================  =============  =============  ======================================
pointwise   PointwiseLoss     PointwisePlan  pointwise.pyx  Any number of one shape, such as
                                                            y_true and y_pred; some are broadcast.
classwise   ClasswiseLoss     ClasswisePlan  classwise.pyx  Predictions with a class axis, and class
                                                            indices, lists of them, one number for
                                                            each class, or no target.
thresholds  ThresholdLoss     ThresholdPlan  pointwise.pyx  Class indices and numbers of one
                                                            shape, and thresholds of shape
                                                            (n_classes - 1,).
vectors     VectorLoss        VectorPlan     vectors.pyx    Two to four of shape (..., n_features)
                                                            and, for some losses, a label for each
                                                            row.
vectors     BoxLoss           BoxPlan        vectors.pyx    Two of shape (..., 4), of which one has
                                                            a gradient.
vectors     LengthLoss        LengthPlan     vectors.pyx    One of shape (n_samples, ...).
batch       BatchLoss         BatchPlan      batch.pyx      One or two of shape (n_samples,
                                                            n_features) and, for some losses,
                                                            labels; or a matrix of similarities.
batch       TripletBatchLoss  TripletPlan    batch.pyx      Labels and one array of shape
                                                            (n_samples, n_features).
scores      ScoresLoss        ScoresPlan     pointwise.pyx  One or two of any shapes, each averaged
                                                            separately.
regions     OverlapLoss       OverlapPlan    regions.pyx    Predictions of shape (n_samples,
                                                            n_classes, ...), and class indices or
                                                            numbers of that shape.
regions     SortedLoss        SortedPlan     regions.pyx    The same with class indices, or arrays
                                                            of shape (n_samples, ...).
groups      GroupLoss         GroupPlan      groups.pyx     Relevances, scores, and the group of
                                                            each row, (n_samples,).
groups      RiskLoss          RiskPlan       groups.pyx     Times, events and predictions,
                                                            (n_samples,).
ctc         SequenceLoss      CTCPlan        ctc.pyx        Targets, log-probabilities over time,
                                                            and the lengths of both.
==========  ================  =============  =============  ======================================

Three more plans are defined in the modules of their losses: `PythonPlan` and `LowLevelPlan` for the
functions of a `CustomLoss`, `CombinedPlan` for the losses of a `CombinedLoss`.

`Loss._evaluate` makes the plan and calls ``begin``, ``prepare``, ``check`` (only if the caller
passed arrays for the outputs) and ``run``, in this order. `plan.py` declares these methods and says
what each may assume.
"""
