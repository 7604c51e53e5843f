import Bytes

/// All tables that modules of this server or of Kamailio keep things in.
public enum StandardTables {
    public static let all: [TableDeclaration] = [
        .version, .subscriber, .dbaliases, .speedDial, .uri, .grp,
        .reGrp, .usrPreferences, .secfilter, .userblocklist, .globalblocklist,
        .location, .locationAttrs, .aliases,
        .acc, .missedCalls, .accCdrs, .sipTrace,
        .domain, .domainAttrs, .address, .trusted, .plPipes,
        .presentity, .activeWatchers, .watchers, .xcap, .pua, .rlsPresentity,
        .rlsWatchers, .silo,
        .dialog, .dialogVars, .toposD, .toposT, .rtpengine, .rtpproxy,
        .htable, .uacreg,
        .dispatcher, .dialplan, .lcrGw, .lcrRule, .lcrRuleTarget, .drGateways,
        .drRules, .drGwLists, .drGroups, .carrierroute, .carrierfailureroute, .carrierName,
        .domainName, .mtree, .mtrees, .pdt,
    ]

    public static func table(_ name: ByteString) -> TableDeclaration? { self.all.first { $0.name == name } }
}
