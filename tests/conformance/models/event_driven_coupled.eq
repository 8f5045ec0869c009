# Event-driven equations that depend on each other, on parameters and on constants; three pathways at one synapse.
# Tests: alpha-shaped trace (coupled pair), trace with a rest value, per-synapse time constants, several pathways each bringing the traces up to date, autapses.
from brian2 import *
tau_r = 4*ms
pre = SpikeGeneratorGroup(2, [0, 1, 0, 0, 1, 0, 1], [2, 3.3, 9, 14.2, 20, 31, 31]*ms)
G = NeuronGroup(3, 'dv/dt = (1.3 + 0.1*i - v)/(9*ms) : 1', threshold='v > 1', reset='v = 0', method='exact')
S = Synapses(pre, G, '''dx/dt = (y - x)/tau_r : 1 (event-driven)
                        dy/dt = -y/tau_d : 1 (event-driven)
                        dz/dt = (z0 - z)/tau_d : 1 (event-driven)
                        dq/dt = -q/(30*ms) : 1 (clock-driven)
                        tau_d : second (constant)
                        z0 : 1
                        out : 1''',
             on_pre={'pre': '''y += 1
                               out += x''',
                     'late': '''z -= 0.3*z
                                q += x'''},
             on_post='''x -= 0.1*x
                        out += 0.01*z''',
             delay={'late': 2.5*ms}, method='exact')
S.connect()
S.tau_d = '6*ms + 2*ms*i + 1*ms*j'
S.z0 = '0.5 + 0.1*j'
S.z = 1
A = Synapses(G, G, '''da/dt = -a/(5*ms) : 1 (event-driven)
                      w : 1''', on_pre='a += 1', on_post='w += a; a += 0.5')
A.connect()
M = StateMonitor(S, ['x', 'y', 'z', 'q', 'out'], record=True, dt=0.5*ms)
run(40*ms)
save(last=S.lastupdate, a=A.a, w=A.w, la=A.lastupdate)
