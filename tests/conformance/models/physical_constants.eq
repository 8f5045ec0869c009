# Physical constants imported under their own names and under others, in equations and in the script.
# Tests: brian2.units.constants; import of a module under another name.
from brian2 import *
from brian2.units.constants import *
from brian2.units.constants import faraday_constant as F
import brian2.units.constants as constants

T = zero_celsius + 37*kelvin
G = NeuronGroup(4, '''
dv/dt = (gas_constant*T/F*log(outside/inside) - v)/(2*ms) : volt
charge : coulomb
outside : 1
inside : 1
''', method='euler')
G.outside = [440, 20, 560, 10]
G.inside = [50, 400, 52, 0.0001]
G.charge = 'elementary_charge*(i + 1)'
run(5*ms)
thermal = constants.boltzmann_constant*T/elementary_charge
wave = 1/sqrt(magnetic_constant*electric_constant)
save(v=G.v, charge=G.charge, thermal=thermal, wave=wave, number=avogadro_constant*electron_mass/molar_mass_constant)
