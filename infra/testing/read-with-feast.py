"""Reads features with Feast's own client. usage: read-with-feast.py REPOSITORY < questions; a JSON object a line, in and out"""
import json
import sys

from feast import FeatureStore
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus

store = FeatureStore(sys.argv[1])
for line in sys.stdin:
    question = json.loads(line)
    service = question.get("service")
    try:
        answer = store.get_online_features(
            features=store.get_feature_service(service) if service else question["features"],
            entity_rows=[{"tmdb_id": id} for id in question["ids"]],
            full_feature_names=question.get("fullNames", False),
        )
    except Exception as error:
        print(json.dumps({"error": str(error)}))
        continue
    values = answer.to_dict()
    names = answer.proto.metadata.feature_names.val
    print(
        json.dumps(
            {
                "values": values,
                "types": {name: [type(value).__name__ for value in column] for name, column in values.items()},
                "statuses": {
                    name: [FieldStatus.Name(status) for status in result.statuses]
                    for name, result in zip(names, answer.proto.results)
                },
            }
        )
    )
