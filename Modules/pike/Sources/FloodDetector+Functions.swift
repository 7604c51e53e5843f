import Bytes
import ModuleKit
import SIPMessage

extension FloodDetector {
    private static let routes: RouteKinds = [.request, .transactionReply, .reply]
    private static let outcomes = [
        1: "the address keeps the limit", -1: "it does not, as is known already", -2: "it does not, for the first time",
    ]

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "pike_check_req", in: Self.routes,
                summary: "Counts the message for the address it comes from, and tells whether that sends too much.",
                outcomes: Self.outcomes, example: "if (!pike_check_req()) { exit; }"
            ) { [unowned self] route, _ in
                self.check(route.arrival.source.ip, in: route)
            },
            ScriptFunction(
                "pike_check_ip", Argument("ip", .format, "An address."), in: Self.routes,
                summary: "Counts for an address, and tells whether that sends too much.",
                outcomes: [
                    1: "the address keeps the limit", -1: "it does not, as is known already; or it is no address",
                    -2: "it does not, for the first time",
                ],
                example: #"if (!pike_check_ip("$hdr(X-Real-IP)")) { exit; }"#
            ) { [unowned self] route, arguments in
                let text = arguments.text(0, in: route)
                guard let address = IPAddress(text.span, ByteRange(0, text.count)) else {
                    route.log(.error, "pike_check_ip: '\(text)' is no address")
                    return .failure
                }
                return self.check(address, in: route)
            },
        ]
    }
}
