// Loaded before Azurite: tells our process the port it was given, keeps connections, and ends Azurite when our process
// is gone.
"use strict";

const net = require("node:net");

// Asked for port 0, Azurite announces "0". The listening socket knows better.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  this.once("listening", () => console.log(`listening on port ${this.address().port}`));
  // Longer than clients keep an idle connection, or the next request leaves on one that is just being closed. Azurite's
  // own option for it is misspelt where it is read (3.35.0).
  this.keepAliveTimeout = 120_000;
  return listen.apply(this, given);
};

// Our process holds the other end of this pipe for as long as it lives; the kernel closes it even after SIGKILL.
// SIGINT is the one signal after which Azurite writes its tables to disk.
const stop = () => process.kill(process.pid, "SIGINT");
process.stdin.once("end", stop).once("error", stop).resume();
