"""`kenish doctor`: tells in plain words what works on this machine and how to mend what does not.

Each file checks one group and returns findings. Nothing here changes the machine.
"""
