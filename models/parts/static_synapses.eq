# fragment: S_E and S_I, from the Poisson inputs to the neurons, n_inputs of each kind to each neuron; their weights
# stay as they are. Needs Inp_e, Inp_i, GE, n_inputs, runs, we, wi, and g_E, g_I when the simulation begins.

static_syn = '''
    w : 1'''

exc_syn = '''
    g_syn_e +=g_E * w
    '''

inh_syn = '''
        g_syn_i += g_I * w '''

sources = arange(n_inputs*runs)
targets = sources // n_inputs

S_E = Synapses(Inp_e, GE, static_syn, on_pre=exc_syn, method='euler')
S_E.connect(i=sources, j=targets)
S_E.w = we

S_I = Synapses(Inp_i, GE, static_syn, on_pre=inh_syn, method='euler')
S_I.connect(i=sources, j=targets)
S_I.w = wi
