from harness.reuse import run  # what the nonce is bound to stands in kamailio.cfg
