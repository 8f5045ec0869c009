# fragment: Inp_e and Inp_i, n_inputs Poisson inputs of each kind for each repetition. Needs n_inputs, runs, F_e, F_i.

Inp_e = PoissonGroup(n_inputs*runs, F_e)
Inp_i = PoissonGroup(n_inputs*runs, F_i)
