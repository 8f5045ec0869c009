# fragment: GE, the noisy leaky integrate-and-fire neurons of the plasticity experiments, one for each repetition.
# Needs runs.

lif= '''
    dv/dt =  (vrest-v)/tau -g_syn_e * (v - E_exc)/tau - g_syn_i * (v - E_inh)/tau+ n_sigma*xi*tau**-0.5 : volt (unless refractory)
    dg_syn_i/dt = -g_syn_i/tau_syn_i : 1
    dg_syn_e/dt = -g_syn_e/tau_syn_e : 1
    tau : second
    tau_syn_i : second
    tau_syn_e : second
    vrest : volt
    v_thres : volt
    n_sigma : volt
'''

lif_thres = '''v > v_thres'''

lif_reset = '''v = vrest'''

E_exc = 0*mV             # reversal potentials
E_inh = -80*mV
g_E = .01                # what an input of weight 1 adds to the conductance, in units of the leak
g_I = .01

GE = NeuronGroup(runs, lif, threshold=lif_thres, method='euler', reset=lif_reset, refractory=3*ms)
GE.vrest = -79*mV
GE.v = -79*mV            # starts at rest
GE.v_thres = -49*mV
GE.n_sigma = 16*mV       # standard deviation of the noise, times sqrt(2)
GE.tau = 10*ms           # membrane
GE.tau_syn_e = 10*ms     # conductances
GE.tau_syn_i = 10*ms
