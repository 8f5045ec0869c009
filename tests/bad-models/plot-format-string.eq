# expect: error
# at: 6:20
# says: colour | marker
# says: "z"
# phase: check
plot([1, 2, 3], '--z')
savefig('a.png')
