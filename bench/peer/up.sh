#!/bin/bash
# usage: up.sh        (as root, Debian 12)
# The peer of the comparison: Postfix and Dovecot from Debian's packages, in folders of their own below $PEER,
# on loopback: SMTP $PEER_BASE+525, IMAP +143, IMAPS +993. Postfix hands over by LMTP; both sync as they do by default.
# Run again, it writes the configuration anew and starts what is down. Nothing in /etc is read or written.
# env: PEER       folder (default: peer in the temporary folder)
#      PEER_BASE  first port (default 2000)
#      PEER_USERS u001 … in each domain (default 120), password "pw", kept in plain text: signing in costs no hash
#      LEAN=1     idle connections as small as Dovecot can: hibernated after 2 s, signed in by shared processes;
#                 otherwise as Debian has it, but for the number of connections
# A domain is a format of storage: maildir.test; mdbox.test; mdboxz.test (mdbox, gzip); fts.test (maildir, Xapian index).
set -euo pipefail
PEER=${PEER:-${TMPDIR:-/tmp}/peer}; BASE=${PEER_BASE:-2000}; USERS=${PEER_USERS:-120}; LEAN=${LEAN:-}
DOMAINS="maildir mdbox mdboxz fts"
SMTP=$((BASE + 525)); IMAP=$((BASE + 143)); IMAPS=$((BASE + 993))
D=$PEER/dovecot; P=$PEER/postfix; OWNER=5000

# --- packages: installed without starting their daemons ---------------------------------------------------
missing=""
for p in postfix dovecot-core dovecot-imapd dovecot-lmtpd dovecot-fts-xapian openssl; do
  dpkg-query -W -f='${Status}' $p 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
  made=0
  if [ ! -e /usr/sbin/policy-rc.d ]; then printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; fi
  echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing </dev/null
  [ $made = 0 ] || rm -f /usr/sbin/policy-rc.d
fi

mkdir -p $PEER/{log,tls,mail} $D/{run,state} $P/{etc,spool,data}
chmod 755 $PEER
chown $OWNER:$OWNER $PEER/mail
chown postfix $P/data
[ -e $PEER/tls/cert.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout $PEER/tls/key.pem -out $PEER/tls/cert.pem 2>/dev/null

# --- users: a plug-in is loaded only where its format needs it (commas, since a space ends a field) -----------
for d in $DOMAINS; do
  case $d in
    maildir) extra="userdb_mail=maildir:~/Maildir" ;;
    mdbox)   extra="userdb_mail=mdbox:~/mdbox" ;;
    mdboxz)  extra="userdb_mail=mdbox:~/mdbox userdb_mail_plugins=zlib userdb_zlib_save=gz" ;;
    fts)     extra="userdb_mail=maildir:~/Maildir userdb_mail_plugins=fts,fts_xapian userdb_fts=xapian userdb_fts_autoindex=yes" ;;
  esac
  for i in $(seq -f %03g 1 $USERS); do echo "u$i@$d.test:{PLAIN}pw::::$PEER/mail/$d/u$i::$extra"; done
done >$D/users

# --- Dovecot ------------------------------------------------------------------------------------------------
cat >$D/dovecot.conf <<CONF
base_dir = $D/run
state_dir = $D/state
instance_name = bench-peer
protocols = imap lmtp
listen = 127.0.0.1
log_path = $PEER/log/dovecot.log
info_log_path = $PEER/log/dovecot-info.log
ssl = yes
ssl_cert = <$PEER/tls/cert.pem
ssl_key = <$PEER/tls/key.pem
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $D/users
}
userdb {
  driver = passwd-file
  args = username_format=%u $D/users
  override_fields = uid=$OWNER gid=$OWNER
}
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_uid = $OWNER
mail_gid = $OWNER
# The default, written out: what is acknowledged has been synced.
mail_fsync = optimized
imap_hibernate_timeout = $([ -n "$LEAN" ] && echo 2s || echo 0)
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
  mailbox Junk {
    special_use = \\Junk
    auto = subscribe
  }
  mailbox Trash {
    special_use = \\Trash
    auto = subscribe
  }
}
plugin {
  # Without "fts = xapian", which the users of fts.test alone have, the plug-in does nothing.
  fts_xapian = partial=3 full=20 verbose=0
  fts_autoindex = no
  fts_enforced = yes
}
service imap-login {
  # The default allows 100 connections, with a process for each.
  $([ -n "$LEAN" ] && printf 'service_count = 0\n  process_min_avail = 2\n  client_limit = 4096' || echo 'process_limit = 4096')
  inet_listener imap {
    port = $IMAP
  }
  inet_listener imaps {
    port = $IMAPS
    ssl = yes
  }
}
service imap {
  process_limit = 4096
  extra_groups = dovecot
  unix_listener imap-master {
    user = dovecot
  }
}
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0660
    group = dovecot
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service anvil {
  client_limit = 16384
}
service auth {
  client_limit = 16384
}
service indexer-worker {
  vsz_limit = 0
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
protocol imap {
  mail_max_userip_connections = 4096
}
protocol lmtp {
  postmaster_address = postmaster@maildir.test
}
CONF

# --- Postfix ------------------------------------------------------------------------------------------------
cat >$P/etc/main.cf <<CONF
compatibility_level = 3.6
queue_directory = $P/spool
data_directory = $P/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $PEER/log/postfix.log
maillog_file_prefixes = $PEER
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = peer.test
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = $(for d in $DOMAINS; do printf '%s.test ' $d; done)
virtual_mailbox_maps = hash:$P/etc/mailboxes
virtual_transport = lmtp:unix:$D/run/lmtp
alias_maps =
# Nothing ever leaves the machine.
default_transport = error:no mail to others
relay_transport = error:no mail to others
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_recipient_limit = 2000
smtpd_tls_cert_file = $PEER/tls/cert.pem
smtpd_tls_key_file = $PEER/tls/key.pem
smtpd_tls_security_level = may
disable_dns_lookups = yes
smtpd_peername_lookup = no
CONF
cat >$P/etc/master.cf <<CONF
127.0.0.1:$SMTP inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
CONF
for d in $DOMAINS; do for i in $(seq -f %03g 1 $USERS); do echo "u$i@$d.test x"; done; done >$P/etc/mailboxes
postmap -c $P/etc hash:$P/etc/mailboxes

# --- start --------------------------------------------------------------------------------------------------
alive() { [ -s "$1" ] && kill -0 "$(tr -d ' \n' <"$1")" 2>/dev/null; }
if alive $D/run/master.pid; then doveadm -c $D/dovecot.conf reload; else dovecot -c $D/dovecot.conf; fi
if alive $P/spool/pid/master.pid; then
  postfix -c $P/etc reload 2>/dev/null
else
  # It complains of owners that only a Postfix in /etc needs.
  postfix -c $P/etc check >/dev/null 2>&1 || true
  postfix -c $P/etc start >/dev/null 2>&1
fi
for i in $(seq 50); do alive $D/run/master.pid && alive $P/spool/pid/master.pid && exit 0; sleep 0.1; done
echo "the peer did not start; see $PEER/log" >&2
exit 1
