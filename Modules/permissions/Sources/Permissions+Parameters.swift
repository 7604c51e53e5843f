import Bytes
import ModuleKit

extension Permissions {
    struct AddressColumns: Sendable {
        var group = ByteString("grp")
        var address = ByteString("ip_addr")
        var mask = ByteString("mask")
        var port = ByteString("port")
        var tag = ByteString("tag")
        var all: [ByteString] { [self.group, self.address, self.mask, self.port, self.tag] }
    }

    struct TrustedColumns: Sendable {
        var source = ByteString("src_ip")
        var proto = ByteString("proto")
        var from = ByteString("from_pattern")
        var requestURI = ByteString("ruri_pattern")
        var tag = ByteString("tag")
        var priority = ByteString("priority")
        var all: [ByteString] { [self.source, self.proto, self.from, self.requestURI, self.tag, self.priority] }
    }

    public struct Settings: Sendable {
        var defaultAllowFile = ByteString("permissions.allow")
        var defaultDenyFile = ByteString("permissions.deny")
        var allowSuffix = ByteString(".allow")
        var denySuffix = ByteString(".deny")
        var checksAllBranches = true
        var databaseURL = ByteString()
        var mode = 0
        var trustedTable = ByteString("trusted")
        var trusted = TrustedColumns()
        var tagVariable = ByteString()
        var tagMode = 0
        var addressTable = ByteString("address")
        var addressFile = ByteString()
        var address = AddressColumns()
        var maxSubnets = 512
        var subnetMode = 0
        var backends = 0xffff
        var reloadDelta = 5
        var cleanupInterval = 60
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("default_allow_file", \.defaultAllowFile, "File of allow_routing() without arguments."),
            ModuleParameter("default_deny_file", \.defaultDenyFile, "File of allow_routing() without arguments."),
            ModuleParameter(
                "allow_suffix", \.allowSuffix, "Ends the name of the allow file when a call gives a base name."),
            ModuleParameter(
                "deny_suffix", \.denySuffix, "Ends the name of the deny file when a call gives a base name."),
            ModuleParameter(
                "check_all_branches", \.checksAllBranches,
                "allow_routing looks at all branches, not at the Request-URI alone."),
            ModuleParameter("db_url", \.databaseURL, "Database of the address and trusted tables; empty: none."),
            ModuleParameter(
                "db_mode", \.mode, in: 0...1,
                "1: the trusted table is read once and at each reload; 0: at each question."),
            ModuleParameter("trusted_table", \.trustedTable, "Table of trusted peers."),
            ModuleParameter("source_col", \.trusted.source, "Column of the source address, or any."),
            ModuleParameter("proto_col", \.trusted.proto, "Column of the protocol."),
            ModuleParameter("from_col", \.trusted.from, "Column of the regular expression for the From URI."),
            ModuleParameter("ruri_col", \.trusted.requestURI, "Column of the regular expression for the Request-URI."),
            ModuleParameter(
                "priority_col", \.trusted.priority, "Column of the priority; the highest one counts first."),
            ModuleParameter("tag_col", .text, default: "tag", "Column of the tag, in both tables.") { settings, value in
                guard case .text(let text) = value else { return }
                settings.trusted.tag = text
                settings.address.tag = text
            },
            ModuleParameter("peer_tag_avp", \.tagVariable, "AVP that takes the tag of what matched."),
            ModuleParameter(
                "peer_tag_mode", \.tagMode, in: 0...1, "1: allow_trusted sets the tags of all rows that match."),
            ModuleParameter("address_table", \.addressTable, "Table of addresses."),
            ModuleParameter(
                "address_file", \.addressFile,
                "File in place of the address table: `[group] address [mask [port [tag]]]`."),
            ModuleParameter("grp_col", \.address.group, "Column of the group."),
            ModuleParameter("ip_addr_col", \.address.address, "Column of the address."),
            ModuleParameter("mask_col", \.address.mask, "Column of the mask."),
            ModuleParameter("port_col", \.address.port, "Column of the port."),
            ModuleParameter(
                "max_subnets", \.maxSubnets, in: 0...10_000_000, "How many networks the address table may have."),
            ModuleParameter(
                "subnet_match_mode", \.subnetMode, in: 0...1, "1: the longest prefix counts; 0: the first network."),
            ModuleParameter(
                "load_backends", \.backends, in: 0...0xffff,
                "What is loaded: 1 addresses, 2 trusted, 4 allow files, 8 deny files."),
            ModuleParameter(
                "reload_delta", \.reloadDelta, in: 0...86_400, "Seconds between two reloads by RPC; 0: no limit."),
            ModuleParameter(
                "trusted_cleanup_interval", \.cleanupInterval, in: 0...86_400,
                "Accepted; a reload frees the old rows at once."),
        ]
    }
}
