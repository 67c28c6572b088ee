from tests.pipeline.conftest import built, copy, new_clone

__all__ = ["built", "copy", "new_clone"]
