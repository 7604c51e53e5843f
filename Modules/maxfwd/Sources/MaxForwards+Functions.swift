import Bytes
import ModuleKit
import SIPMessage

extension MaxForwards {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "mf_process_maxfwd_header",
                aliases: ["maxfwd_process", "process_maxfwd"],
                Argument("max_value", .int, "Hop count to write when the request has none, 1 to 255."),
                in: .request,
                summary: "Takes one hop from Max-Forwards, or adds the header field.",
                reference: "RFC 3261 §16.6 step 3",
                outcomes: [2: "added", 1: "taken", -1: "no hops left", -2: "malformed"],
                example: #"if (!mf_process_maxfwd_header("10")) { exit; }"#
            ) { [self] route, arguments in
                guard let hops = arguments.int(0, in: route), (1...255).contains(hops) else { return -2 }
                return .code(self.takeHop(from: route, adding: hops))
            },
            ScriptFunction(
                "is_maxfwd_lt",
                aliases: ["maxfwd_at_least", "mf_lowlimit"],
                Argument("max_value", .int, "Hop count to compare with."),
                in: [.request, .failure, .branch],
                summary: "Tells whether fewer hops than that are left.",
                reference: "RFC 3261 §20.22",
                outcomes: [1: "fewer", -1: "as many or more", -2: "missing", -3: "malformed"],
                example: #"if (is_maxfwd_lt("3")) { exit; }"#
            ) { [self] route, arguments in
                guard let limit = arguments.int(0, in: route) else { return -3 }
                switch self.hops(route) {
                case .missing: return -2
                case .malformed: return -3
                case .left(let hops): return hops < limit ? 1 : -1
                }
            },
        ]
    }
}
