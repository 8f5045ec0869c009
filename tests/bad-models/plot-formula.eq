# expect: error
# at: 7:10
# says: sigmma
# says: sigma
# phase: check
plot([1, 2, 3])
xlabel('$\sigmma$ (mV)')
savefig('a.png')
