# What a backend does, with nothing but Ruby: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL.
require 'json'
require 'net/http'

def create(path, parameters)
  channel = "#{ENV.fetch('CHAT_URL')}/v1/Services/#{ENV.fetch('SERVICE')}/Channels/#{ENV.fetch('CHANNEL')}"
  uri = URI("#{channel}/#{path}")
  request = Net::HTTP::Post.new(uri)
  request.basic_auth(ENV.fetch('SID'), ENV.fetch('TOKEN'))
  request.set_form_data(parameters)
  response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https', read_timeout: 10) { |http| http.request(request) }
  response.value
  JSON.parse(response.body)
end

# region add more channel members
member = create('Members', 'Identity' => 'kwhinnery')
puts member['identity']
# endregion

# region send a message
message = create('Messages', 'Body' => 'MESSAGE')
puts message['body']
# endregion
