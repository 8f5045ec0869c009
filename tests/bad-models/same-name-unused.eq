# expect: ok
# phase: check
# note: the code of G does not read its w, so nothing is hidden; Brian2 says nothing, either
w = 0.5
G = NeuronGroup(2, '''dv/dt = -v/(10*ms) : 1
                      w : 1''')
G.w = w
run(1*ms)
