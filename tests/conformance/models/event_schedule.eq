# Events checked and answered in other places of the time step.
# Tests: set_event_schedule, run_on_event with when and order, events of the threshold seen by EventMonitor, on_event as a string, record=False, counts, trains, values and all_values, resetter and thresholder by name.
from brian2 import *
G = NeuronGroup(5, '''dv/dt = (1.6 - v)/(8*ms) : 1
                      da/dt = -a/(20*ms) : 1
                      hits : integer
                      seen : 1''', threshold='v > 1', reset='v = 0.1*i; a += 1', events={'high': 'v > 0.8', 'rest': 'a < 0.05 and v < 0.5'}, method='exact')
G.v = '0.15*i'
G.set_event_schedule('high', when='before_groups')
G.set_event_schedule('rest', when='after_resets', order=-1)
G.run_on_event('high', 'hits += 1; seen = v', when='before_thresholds')
rest = G.run_on_event('rest', 'a = 0.02 + 0.3*a; v += 0.05', order=2)
H = NeuronGroup(2, 'y : 1')
S = Synapses(G, H, 'w : 1', on_pre='y += w', on_event='high')
S.connect()
S.w = '0.1*(i + 1) + j'
high = EventMonitor(G, 'high', variables=['v', 'hits'])
spikes_as_events = EventMonitor(G, 'spike', 'a')
counted = EventMonitor(G, 'rest', record=False)
sp = SpikeMonitor(G, 'v', record=True)
late = SpikeMonitor(G, ['v', 'a'], when='end')
M = StateMonitor(G, ['v', 'a', 'seen'], record=True)
MH = StateMonitor(H, 'y', record=True)
run(15*ms)
rest.active = False
G.thresholder['spike'].when = 'after_synapses'
G.resetter['spike'].order = -3
run(15*ms)
trains = high.event_trains()
save(hits=G.hits, n_high=high.num_events, n_rest=counted.num_events, train2=trains[2], v_of_1=high.values('v')[1], hits_of_3=high.all_values()['hits'][3],
     t_of_0=sp.all_values()['t'][0], order=G.thresholder['spike'].order, names=len(G.events))
