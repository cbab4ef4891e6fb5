/** Figures of what a node does, and for whom. */
import * as query from '../../queries/nodes'
import { bytes, count, percent } from '../operations/text'
import { brief, byteRate, MIB, rate, type Part } from './fact'

export const commands = {
  title: 'Commands and latency',
  facts: {
    commands: {
      label: 'Commands',
      about: 'Far above its peers a node is hot; at 0 it has lost its clients.',
      query: query.commands,
      say: rate,
      chart: 'ops',
      least: 20,
    },
    latency: {
      label: 'Time a command',
      about: 'Mean time in the server, without the network.',
      query: query.latency,
      say: brief,
      chart: 's',
      least: 0.0005,
    },
    cpu: {
      label: 'CPU',
      about: 'Of one core. Near 100 % the main thread is the limit.',
      query: query.cpu,
      say: percent,
      chart: 'percentunit',
      least: 0.2,
    },
    hitRatio: {
      label: 'Hit ratio',
      about: 'Lookups of clients that found their key.',
      query: query.hitRatio,
      say: percent,
      chart: 'percentunit',
    },
    errors: {
      label: 'Error replies',
      about: 'Replies that say no; a redirection (MOVED) counts, too.',
      query: query.errors,
      say: rate,
      least: 1,
    },
    slow: {
      label: 'Slow commands',
      about: 'New entries of the slow log.',
      query: query.slow,
      say: rate,
      least: 0.1,
    },
    networkIn: {
      label: 'Received',
      about: 'Bytes from clients and from its primary.',
      query: query.networkIn,
      say: byteRate,
      least: MIB,
    },
    networkOut: {
      label: 'Sent',
      about: 'Bytes to clients; large values or a hot key make it grow.',
      query: query.networkOut,
      say: byteRate,
      least: MIB,
    },
  },
} as const satisfies Part

export const clients = {
  title: 'Clients',
  facts: {
    clients: {
      label: 'Clients',
      about: 'Connections now, replicas not counted.',
      query: query.clients,
      say: count,
      chart: 'none',
      least: 20,
    },
    clientShare: {
      label: 'Of maxclients',
      about: 'At 100 % new connections are refused.',
      query: query.clientShare,
      say: percent,
      wrong: [(value) => value > 0.9, 'It has nearly as many clients as it may'],
    },
    connections: {
      label: 'New connections',
      about: 'Steps up often are reconnection storms.',
      query: query.connections,
      say: rate,
      chart: 'cps',
      least: 5,
    },
    rejectedConnections: {
      label: 'Connections refused',
      about: 'For want of maxclients.',
      query: query.rejectedConnections,
      say: rate,
      wrong: [(value) => value > 0, 'It refuses connections for want of maxclients'],
    },
    blockedClients: {
      label: 'Blocked clients',
      about: 'Waiting in BLPOP, XREAD, WAIT and their kin.',
      query: query.blockedClients,
      say: count,
      chart: 'none',
      least: 10,
    },
    largestInput: {
      label: 'Largest input buffer',
      about: 'Of a client, lately: a large command that is still arriving.',
      query: query.largestInput,
      say: bytes,
      least: MIB,
    },
    largestOutput: {
      label: 'Largest output buffer',
      about: 'Of a client, lately: somebody reads more slowly than is written.',
      query: query.largestOutput,
      say: bytes,
      least: MIB,
    },
  },
} as const satisfies Part
