from harness.flows import cancel_and_answer_late as run  # noqa: F401
