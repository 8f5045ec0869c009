# expect: error
# at: 7:10
# says: pdv
# says: .pdf
# phase: check
plot([1, 2, 3])
savefig('a.pdv')
