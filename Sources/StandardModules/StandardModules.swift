import ModuleKit
import acc
import cfg_rpc
import core
import corex
import counters
import ctl
import dlgs
import jsonrpcs
import kex
import maxfwd
import pv
import registrar
import rr
import sanity
import siputils
import sl
import textops
import textopsx
import tm
import tmx
import usrloc
import xlog

/// The modules that the server is built with, one line each; `loadmodule` switches them on.
public enum StandardModules {
    public static let all: [ModuleType] = [
        ModuleType(Core.self),
        ModuleType(Kex.self),
        ModuleType(Corex.self),
        ModuleType(Transactions.self),
        ModuleType(TransactionExtras.self),
        ModuleType(StatelessReplies.self),
        ModuleType(RecordRouting.self),
        ModuleType(PseudoVariables.self),
        ModuleType(MaxForwards.self),
        ModuleType(UserLocation.self),
        ModuleType(Registrar.self),
        ModuleType(TextOps.self),
        ModuleType(TextOpsX.self),
        ModuleType(SIPUtils.self),
        ModuleType(Xlog.self),
        ModuleType(Sanity.self),
        ModuleType(Accounting.self),
        ModuleType(Counters.self),
        ModuleType(DialogStatistics.self),
        ModuleType(ConfigurationCommands.self),
        ModuleType(JSONRPCServer.self),
        ModuleType(Control.self),
    ]
}
