"""The ways in which work can end early, each with a message for a person."""


class UserError(Exception):
    """The run cannot go on; the message is one line that names the file, the fault and the cure."""


class PageError(Exception):
    """This page cannot be read, the others can; the message is the reason of its rejection."""


class OutOfMemoryError(PageError):
    """This page failed, or seems to have failed, for want of memory: alone it might not."""


def first_line(error: BaseException) -> str:
    """What an error says first, in at most 200 characters; its kind where it says nothing."""
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__
