import Bytes
import SIPMessage

/// Values of core parameters that modules and the machine look at. Defaults are Kamailio's.
public struct CoreSettings: Sendable {
    public var serverSignature = true
    /// Whole header field without CRLF.
    public var serverHeader = ByteString("Server: apus")
    public var userAgentHeader = ByteString("User-Agent: apus")
    public var maxWhileLoops = 100
    public var maxRecursiveLevel = 256
    public var maxBranches = 12
    public var forceRport = false
    public var localRport = false
    public var replyToVia = false
    public var checkVia = false
    public var viaCheck = ViaCheck.byAddress
    public var phone2tel = true
    public var returnMode = 0
    public var serverID = 0
    /// Name of the `$xavp` whose fields `via_add_xavp_params()` adds to our Via; empty: none.
    public var xavpViaParams = ByteString()
    /// Name of the `$xavp` that `via_use_xavp_fields()` takes the address of our Via from; empty: none.
    public var xavpViaFields = ByteString()
    /// Name of the `$xavp` whose fields `via_reply_add_xavp_params()` adds to the top Via of replies; empty: none.
    public var xavpViaReplyParams = ByteString()
    public var udpMTU = 0
    public var udpMTUTryProtocol: TransportProtocol?
    public var advertisedAddress: ByteString?
    public var advertisedPort: UInt16 = 0
    public var multiHomed = false
    /// `loop_detection`: a request that comes back as it left is answered 482.
    public var detectsLoops = false
    /// `max_breadth`: how many branches a request without Max-Breadth may have at once; 0: no limit, and no field.
    public var maxBreadth = 0
    public var maxMessageSize = 65_535
    public var onsendRouteReply = false
    /// `received_route_mode`: event_route[core:msg-received] runs.
    public var runsReceivedRoute = false
    /// `corelog`: level of lines about input that is no message.
    public var inputLogLevel = -1
    /// `latency_limit_cfg`: runs of a script that take longer are logged; microseconds, 0 for none.
    public var slowScriptLimit = 0
    /// `latency_limit_action`: functions that take longer are logged; microseconds, 0 for none.
    public var slowActionLimit = 0
    /// `latency_limit_db`: statements for a database that take longer are logged; microseconds, 0 for none.
    public var slowStatementLimit = 0
    /// `version_table`: the table with the versions of all others.
    public var versionTable = ByteString("version")
    /// `latency_log`: level of lines about slow functions.
    public var slownessLogLevel = -1
    /// `latency_cfg_log`: level of lines about the time that scripts took.
    public var scriptTimeLogLevel = 3
    /// `sip_warning`: replies made here carry a Warning that tells where the request came from and went.
    public var addsWarning = false
    /// `stats_name_separator`: stands between the two parts of a composed name of a statistic.
    public var statisticsSeparator = ByteString("_")
    /// `rpc_exec_delta`: seconds from one run of a control command that reloads something to the next; 0: none.
    public var commandPause = 0
    public var runDirectory = "/run/kamailio"
    /// Directory of the main configuration file, with its slash; empty: the working directory. Modules look there for
    /// files that their parameters name without a path.
    public var configurationDirectory = ""
    /// Instructions that one run of a script may execute before it is stopped.
    public var scriptFuel = 10_000_000
    /// Scripts that may wait at once for a timer, an answer or a name; further ones are not suspended, their function
    /// fails.
    public var maxSuspendedScripts = 100_000

    /// `dns_*`, `use_dns_*`, `dst_blocklist_*`, `use_dst_blocklist`: as the configuration has them.
    public var naming = NameParameter.Settings(names: NameSettings(), blocklist: BlocklistSettings())

    public init() {}

    /// How the host in the top Via of a request is compared with where the request came from.
    public enum ViaCheck: Sendable {
        /// As an address: a name there is never the sender's.
        case byAddress
        /// `dns`, `-r`: the addresses of the name are looked up.
        case byName
        /// `rev_dns`, `-R`: the name of the sender's address is looked up.
        case byReverseName
    }
}

/// The settings behind one reference: a copy of them all costs more than most functions do.
public final class SharedSettings: Sendable {
    public let values: CoreSettings
    public let forMessages: MessageSettings
    public init(_ values: CoreSettings) {
        self.values = values
        self.forMessages = MessageSettings(values)
    }
}
