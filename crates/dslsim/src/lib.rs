//! Check, run and results: the whole chain behind one interface.
