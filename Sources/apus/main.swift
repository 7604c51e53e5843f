import ApusServer
import Glibc
import StandardModules

exit(Launcher.run(Array(CommandLine.arguments.dropFirst()), modules: StandardModules.all))
