# expect: error
# at: 6:36
# says: "q"
# says: marker
# phase: check
scatter([1, 2], [3, 4], marker  = 'q')
savefig('a.png')
