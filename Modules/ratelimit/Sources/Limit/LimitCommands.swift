import Bytes
import ModuleKit

/// Commands about the PID controller: the same in `ratelimit` and `pipelimit`.
public enum LimitCommands {
    /// `set_pid`, `get_pid`, `push_load` behind a prefix.
    public static func controller(_ prefix: String, _ watch: LoadWatch) -> [RPCCommand] {
        [
            RPCCommand("\(prefix).set_pid", "Sets the weights of the PID controller of FEEDBACK: ki, kp, kd.") {
                request throws(RPCFault) in
                let weights = [try Self.double(request, 0), try Self.double(request, 1), try Self.double(request, 2)]
                watch.change { $0.set(integral: weights[0], proportional: weights[1], derivative: weights[2]) }
                return []
            },
            RPCCommand("\(prefix).get_pid", "Shows the weights of the PID controller of FEEDBACK.") {
                _ throws(RPCFault) in
                let controller = watch.controller
                return [
                    .string(
                        "ki[\(controller.integral.withSixDigits)] kp[\(controller.proportional.withSixDigits)] "
                            + "kd[\(controller.derivative.withSixDigits)] ")
                ]
            },
            RPCCommand("\(prefix).push_load", "Gives FEEDBACK a load, from 0.0 to 1.0, as if it had been measured.") {
                request throws(RPCFault) in
                let load = try Self.double(request, 0)
                guard load >= 0, load <= 1 else { throw RPCFault(400, "Value out of range") }
                watch.change { $0.update(load: load) }
                return []
            },
        ]
    }

    private static func double(_ request: RPCRequest, _ index: Int) throws(RPCFault) -> Double {
        guard request.has(index) else {
            throw RPCFault(400, "error at parameter \(index): expected float type but end of packet encountered")
        }
        switch request.parameters[index] {
        case .double(let number) where number.isFinite: return number
        case .int(let number): return Double(number)
        case .text(let text): if let number = Double(text.string), number.isFinite { return number }
        case .double, .null, .array, .structure: break
        }
        throw RPCFault(400, "error at parameter \(index): expected float type but record doesn't match type")
    }
}
