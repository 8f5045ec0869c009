# expect: error | warning
# at: 11:1 | 11:5
# says: "v"
# says: "G"
# says: 2 - k
# says: infinite
# phase: run
# note: Brian2 warns only after the run
G = NeuronGroup(2, '''dv/dt = (2 - v)/(10*ms) : 1
                      k : 1''', threshold='v > 1', reset='''k += i
v = log(2 - k)''', method='exact')
run(100*ms)
