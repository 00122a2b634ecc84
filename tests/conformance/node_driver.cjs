// Drives npm's `expresscheckout-nodejs` as `driving.py` asks. The package stands in the current folder, unchanged; what
// it gets wrong with any server but Juspay's own is put right here.
'use strict'
const https = require('https')
const readline = require('readline')
const { createRequire } = require('module')

// It names "host:port" where Node wants a host.
const request = https.request
https.request = (options) => request({ ...options, host: options.host.replace(/:\d+$/, '') })

const { Juspay } = createRequire(process.cwd() + '/')('expresscheckout-nodejs')
Juspay.customLogger = Juspay.silentLogger

async function made(client, [name, ...given]) {
  try {
    const [resource, method] = name.split('.')
    return { ok: await client[resource][method](...given) }
  } catch (error) {
    const { name: kind, message, status, error_code, error_message, error_info } = error
    return { error: { name: kind, message, status, error_code, error_message, error_info } }
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line)
    const client = new Juspay(asked.client)
    console.log(JSON.stringify(await Promise.all(asked.calls.map((call) => made(client, call)))))
  }
  process.exit(0) // the client's connections would keep Node alive
}

main()
