//! Does a recording agree with the theory, disagree, or can it not tell?
