// The bot in whose name the worker posts. It only speaks: no address receives what people answer.
param name string
param appId string

@allowed(['SingleTenant', 'UserAssignedMSI'])
param appType string

@description('The managed identity that the bot is, where it is one.')
param identityId string

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: 'global'
  kind: 'azurebot'
  sku: { name: 'F0' }
  properties: union(
    {
      displayName: 'Tocsin'
      endpoint: ''
      msaAppId: appId
      msaAppType: appType
      msaAppTenantId: tenant().tenantId
      disableLocalAuth: true
    },
    empty(identityId) ? {} : { msaAppMSIResourceId: identityId }
  )
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: { isEnabled: true }
  }
}
