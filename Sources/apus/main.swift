import ApusServer
import Glibc
import Simulation
import StandardModules

exit(
    Launcher.run(
        Array(CommandLine.arguments.dropFirst()), modules: StandardModules.all, simulate: SimulationCommand.run))
