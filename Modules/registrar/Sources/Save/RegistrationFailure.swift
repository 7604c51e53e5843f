/// Why a REGISTER is refused: status, and the text that goes into P-Registrar-Error.
enum RegistrationFailure: Error {
    case badTo
    case badContact
    case longContact
    case longReceived
    case starExpires
    case starNotAlone
    case badQuality
    case badPath
    case badCSeq
    case longCallID
    case longAddress
    case intervalTooBrief
    case tooMany
    case pathUnsupported
    case outboundUnsupported
    case firstHopLacksOutbound
    case badExpires
    case badEscape
    case storage

    var code: Int {
        switch self {
        case .badTo, .badContact, .longContact, .longReceived, .starExpires, .starNotAlone, .badQuality, .badPath,
            .badCSeq,
            .longCallID, .badExpires, .badEscape:
            400
        case .pathUnsupported, .outboundUnsupported: 420
        case .intervalTooBrief: 423
        case .longAddress, .storage: 500
        case .tooMany: 503
        case .firstHopLacksOutbound: 439
        }
    }

    var reason: String {
        switch self.code {
        case 400: "Bad Request"
        case 420: "Bad Extension"
        case 423: "Interval Too Brief"
        case 439: "First Hop Lacks Outbound Support"
        case 503: "Service Unavailable"
        default: "Server Internal Error"
        }
    }

    /// As Kamailio says it; scripts and clients may look at it.
    var text: StaticString {
        switch self {
        case .badTo: "To parse error"
        case .badContact: "Contact parse error"
        case .longContact, .longReceived: "Contact/received too long"
        case .starExpires: "* used in contact and expires is not zero"
        case .starNotAlone: "* used in contact and more than 1 contact"
        case .badQuality: "Invalid q param in contact"
        case .badPath: "Path parse error"
        case .badCSeq: "Invalid CSeq number"
        case .longCallID: "Callid too long"
        case .longAddress: "Address Of Record too long"
        case .intervalTooBrief: "Interval too brief"
        case .tooMany: "Too many registered contacts"
        case .pathUnsupported: "No support for found Path indicated"
        case .storage: "Internal Server Error"
        case .outboundUnsupported: "No support for Outbound on server"
        case .firstHopLacksOutbound: "No support for Outbound on edge proxy"
        case .badExpires: "Expires parse error"
        case .badEscape: "Error while unescaping username"
        }
    }

    /// The reply lists the bindings that there are.
    var listsContacts: Bool {
        switch self {
        case .badTo, .badContact, .longContact, .starExpires, .starNotAlone, .longAddress, .outboundUnsupported,
            .firstHopLacksOutbound, .badExpires, .badEscape:
            false
        case .longReceived, .badQuality, .badPath, .badCSeq, .longCallID, .intervalTooBrief, .tooMany, .pathUnsupported,
            .storage:
            true
        }
    }
}
