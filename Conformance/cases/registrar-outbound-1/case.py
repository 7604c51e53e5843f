from harness.outbound import run  # the modes differ in kamailio.cfg alone
