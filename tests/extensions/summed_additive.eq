# Three sets of synapses sum into one variable: an extension of Brian2's language.
from brian2 import *

G = NeuronGroup(2, '''x : 1
                      y : 1''')
G.x = [1, 2]
A = Synapses(G, G, 'y_post = x_pre : 1 (summed, additive)')
A.connect()
B = Synapses(G, G, 'y_post = 10*x_pre : 1 (summed, additive)')
B.connect()
C = Synapses(G, G, 'y_post = 100*x_pre : 1 (summed, additive)')
C.connect()
run(1*ms)
save(y=G.y)
