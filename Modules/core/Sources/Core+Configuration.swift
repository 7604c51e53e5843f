import Bytes
import ModuleKit

extension Core {
    /// Core parameters that the `cfg` commands can read and change.
    static func declareVariables(_ host: any ModuleHost) {
        guard let registry = host.compiler.configuration else { return }
        let logger = host.logger
        let settings = host.settings
        func declare(
            _ name: ByteString, _ initial: Int, in range: ClosedRange<Int>? = nil, _ summary: ByteString,
            _ refine: (inout ConfigurationVariable.Declaration) -> Void = { _ in }
        ) {
            var declaration = ConfigurationVariable.Declaration("core", name, .int(initial), summary)
            declaration.range = range
            refine(&declaration)
            registry.declare(declaration)
        }
        declare("debug", logger.threshold, "Highest level that is logged: -1 errors, 0 warnings, 2 infos, 3 all.") {
            $0.read = { .int(logger.threshold) }
            $0.changed = { if case .int(let level) = $0 { logger.threshold = level } }
        }
        declare(
            "max_while_loops", settings.maxWhileLoops, in: 0...Int(Int32.max),
            "Rounds after which a while loop is stopped; 0: no limit.")
        declare(
            "force_rport", settings.forceRport ? 1 : 0, in: 0...1,
            "1: replies to every request go to the port that it came from.")
        for parameter in NameParameter.all {
            declare(
                ByteString(parameter.name), parameter.read(settings.naming), in: parameter.range,
                ByteString(parameter.summary)
            ) {
                $0.changed = { [unowned host] value in
                    if case .int(let number) = value { host.changeNaming { parameter.write(&$0, number) } }
                }
            }
        }
    }
}
