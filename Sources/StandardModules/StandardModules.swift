import ModuleKit
import acc
import alias_db
import async
import auth
import auth_db
import avpops
import cfg_rpc
import cfgutils
import core
import corex
import counters
import ctl
import db_sqlite
import db_text
import debugger
import dialplan
import dlgs
import domain
import group
import htable
import http_async_client
import http_client
import ipops
import jsonrpcs
import kex
import math
import maxfwd
import mqueue
import outbound
import path
import permissions
import pike
import pipelimit
import pv
import ratelimit
import registrar
import rr
import rtimer
import sanity
import sdpops
import secfilter
import siputils
import sl
import speeddial
import sqlops
import statistics
import tcpops
import textops
import textopsx
import timer
import tm
import tmx
import uac
import uac_redirect
import uri_db
import usrloc
import uuid
import xhttp
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
        ModuleType(Authentication.self),
        ModuleType(DatabaseAuthentication.self),
        ModuleType(TextOps.self),
        ModuleType(TextOpsX.self),
        ModuleType(SIPUtils.self),
        ModuleType(Xlog.self),
        ModuleType(Sanity.self),
        ModuleType(Accounting.self),
        ModuleType(Counters.self),
        ModuleType(Statistics.self),
        ModuleType(UniqueIdentifiers.self),
        ModuleType(DialogStatistics.self),
        ModuleType(ConfigurationCommands.self),
        ModuleType(JSONRPCServer.self),
        ModuleType(Control.self),
        ModuleType(AsyncRoutes.self),
        ModuleType(AttributeOperations.self),
        ModuleType(ConfigurationUtilities.self),
        ModuleType(SQLiteDatabases.self),
        ModuleType(TextDatabases.self),
        ModuleType(Debugger.self),
        ModuleType(HashTables.self),
        ModuleType(HTTPAsyncClient.self),
        ModuleType(HTTPClient.self),
        ModuleType(IPOperations.self),
        ModuleType(MathOperations.self),
        ModuleType(MessageQueues.self),
        ModuleType(Outbound.self),
        ModuleType(PathFields.self),
        ModuleType(Permissions.self),
        ModuleType(FloodDetector.self),
        ModuleType(PipeLimits.self),
        ModuleType(RateLimits.self),
        ModuleType(Aliases.self),
        ModuleType(Dialplans.self),
        ModuleType(Domains.self),
        ModuleType(Groups.self),
        ModuleType(URIOwners.self),
        ModuleType(SpeedDial.self),
        ModuleType(ConnectionOperations.self),
        ModuleType(RouteTimers.self),
        ModuleType(SDPOperations.self),
        ModuleType(SecurityFilter.self),
        ModuleType(SQLOperations.self),
        ModuleType(NamedTimers.self),
        ModuleType(UserAgentClient.self),
        ModuleType(RedirectFollower.self),
        ModuleType(HTTPRequests.self),
    ]
}
