/// The commands of the core, by their canonical names; `CoreCommands` knows the aliases and arguments.
public enum CoreCommand: String, Sendable, CaseIterable {
    case forceRport = "force_rport"
    case addLocalRport = "add_local_rport"
    case setForwardNoConnect = "set_forward_no_connect"
    case setForwardClose = "set_forward_close"
    case setReplyNoConnect = "set_reply_no_connect"
    case setReplyClose = "set_reply_close"
    case forceTCPAlias = "force_tcp_alias"
    case setFlag = "setflag"
    case resetFlag = "resetflag"
    case isFlagSet = "isflagset"
    case setAVPFlag = "setavpflag"
    case resetAVPFlag = "resetavpflag"
    case isAVPFlagSet = "isavpflagset"
    case rewriteURI = "rewriteuri"
    case rewriteHost = "rewritehost"
    case rewriteHostPort = "rewritehostport"
    case rewriteHostPortTransport = "rewritehostporttrans"
    case rewriteUser = "rewriteuser"
    case rewriteUserPassword = "rewriteuserpass"
    case rewritePort = "rewriteport"
    case revertURI = "revert_uri"
    case prefix
    case strip
    case stripTail = "strip_tail"
    case userPhone = "userphone"
    case removeBranch = "remove_branch"
    case clearBranches = "clear_branches"
    case forward
    case forwardUDP = "forward_udp"
    case forwardTCP = "forward_tcp"
    case forwardTLS = "forward_tls"
    case forwardSCTP = "forward_sctp"
    case forceSendSocket = "force_send_socket"
    case setAdvertisedAddress = "set_advertised_address"
    case setAdvertisedPort = "set_advertised_port"
    case udpMTUTryProto = "udp_mtu_try_proto"
    case log
    case error
    case exec
    case configSelect = "cfg_select"
    case configReset = "cfg_reset"
}
