//! What can be asked from the command line? One file per command; each is short, because the work is done below.
