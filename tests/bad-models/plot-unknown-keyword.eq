# expect: error
# at: 6:17
# says: linewidht
# says: linewidth
# phase: check
plot([1, 2, 3], linewidht=2)
savefig('a.png')
