"""SageMaker's control plane and runtime: what is asked, what is refused, what is answered."""
